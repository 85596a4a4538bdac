import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { isLoopback, pullModel } from "../../src/models/modelServer.ts";

type Answer = (response: http.ServerResponse) => void;

async function answering<T>(answer: Answer, act: (url: string) => Promise<T>): Promise<T> {
  const server = http.createServer((_, response) => answer(response));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    return await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function pulled(answer: Answer): Promise<(number | undefined)[]> {
  return await answering(answer, async (url) => {
    const shares: (number | undefined)[] = [];
    for await (const { share } of pullModel(url, "m", new AbortController().signal)) {
      shares.push(share);
    }
    return shares;
  });
}

test("this machine is meant by a literal loopback address or its name, and by nothing else", () => {
  for (const endpoint of ["http://127.0.0.1:11434", "http://localhost:1", "http://[::1]:11434"]) {
    assert.ok(isLoopback(endpoint), endpoint);
  }
  for (const endpoint of [
    "http://192.168.1.2:11434",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "https://ollama.example.com",
    "http://0.0.0.0:11434",
    "127.0.0.1:11434",
    "",
  ]) {
    assert.ok(!isLoopback(endpoint), endpoint);
  }
});

test("progress is told whatever pieces the stream comes in", async () => {
  const lines = [
    { status: "pulling manifest" },
    { status: "pulling 1", total: 10, completed: 5 },
    { status: "success" },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");

  for (const size of [1, 7, text.length]) {
    const shares = await pulled((response) => {
      for (let at = 0; at < text.length; at += size) {
        response.write(text.slice(at, at + size));
      }
      response.end();
    });
    assert.deepEqual(shares, [undefined, 0.5, undefined]);
  }
});

test("the server's own sentence is raised when a pull fails", async () => {
  await assert.rejects(
    pulled((response) => response.end('{"error":"file does not exist"}\n')),
    /file does not exist/,
  );
});

test("a pull that ends before it is complete is no success", async () => {
  await assert.rejects(
    pulled((response) => response.end('{"status":"pulling 1"}\n')),
    /before it was complete/,
  );
});
