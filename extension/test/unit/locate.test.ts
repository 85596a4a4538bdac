import assert from "node:assert/strict";
import { test } from "node:test";
import { type Location, locateServer, type Surroundings } from "../../src/server/locate.ts";

const WORKSPACE = "/work/shop";

function locate(files: readonly string[], given: Partial<Surroundings> = {}): Location {
  return locateServer({
    platform: "linux",
    env: { PATH: "/usr/local/bin:/usr/bin" },
    home: "/home/me",
    setting: "",
    folders: [WORKSPACE],
    trusted: true,
    isExecutable: (file) => files.includes(file),
    ...given,
  });
}

const EVERYWHERE = [
  `${WORKSPACE}/.venv/bin/fimble`,
  `${WORKSPACE}/venv/bin/fimble`,
  "/home/me/.local/bin/fimble",
  "/usr/bin/fimble",
];

test("the places are looked at in order", () => {
  const found = EVERYWHERE.map((_, index) => locate(EVERYWHERE.slice(index)));

  assert.deepEqual(
    found.map((location) => location.found && location.origin),
    ["workspace", "workspace", "tools", "path"],
  );
  assert.deepEqual(
    found.map((location) => location.found && location.file),
    EVERYWHERE,
  );
});

test("nothing anywhere is nothing found", () => {
  assert.deepEqual(locate([]), { found: false, wrongSetting: "" });
});

test("the setting comes first, and a home in it is expanded", () => {
  const own = "/home/me/fimble/bin/fimble";
  const found = locate([own, ...EVERYWHERE], { setting: "~/fimble/bin/fimble" });

  assert.deepEqual(found, { found: true, file: own, origin: "setting" });
});

for (const setting of ["/nowhere/fimble", "fimble", "./fimble", "bin/fimble"]) {
  test(`a setting that names no full path of an executable is an error: ${setting}`, () => {
    const found = locate([...EVERYWHERE, "fimble", "./fimble", "bin/fimble"], { setting });

    assert.deepEqual(found, { found: false, wrongSetting: setting });
  });
}

test("an untrusted workspace is not looked into", () => {
  const found = locate(EVERYWHERE, { trusted: false });

  assert.deepEqual(found, { found: true, file: "/home/me/.local/bin/fimble", origin: "tools" });
});

test("an untrusted workspace is not looked into when the environment leads there", () => {
  const inside = `${WORKSPACE}/.venv/bin`;
  const found = locate([`${inside}/fimble`], {
    trusted: false,
    env: { PATH: inside, UV_TOOL_BIN_DIR: inside, PIPX_BIN_DIR: WORKSPACE, XDG_BIN_HOME: inside },
  });

  assert.deepEqual(found, { found: false, wrongSetting: "" });
});

test("a folder beside the untrusted workspace, with a like name, is no part of it", () => {
  const found = locate([`${WORKSPACE}-tools/fimble`], {
    trusted: false,
    env: { PATH: `${WORKSPACE}-tools` },
  });

  assert.ok(found.found);
});

test("relative entries of PATH never count", () => {
  const found = locate(["bin/fimble", "./fimble", "fimble"], { env: { PATH: "bin:.:" } });

  assert.deepEqual(found, { found: false, wrongSetting: "" });
});

for (const variable of ["UV_TOOL_BIN_DIR", "PIPX_BIN_DIR", "XDG_BIN_HOME"]) {
  test(`the folder that ${variable} names is looked at`, () => {
    const found = locate(["/tools/fimble"], { env: { [variable]: "/tools" } });

    assert.deepEqual(found, { found: true, file: "/tools/fimble", origin: "tools" });
  });
}

test("on Windows names and separators are its own", () => {
  const file = "C:\\Users\\me\\.local\\bin\\fimble.exe";
  const found = locate([file], {
    platform: "win32",
    home: "C:\\Users\\me",
    env: { Path: "C:\\Windows;C:\\tools" },
  });
  const onPath = locate(["C:\\tools\\fimble.exe"], {
    platform: "win32",
    home: "C:\\Users\\me",
    env: { Path: "C:\\Windows;C:\\tools" },
  });

  assert.deepEqual(found, { found: true, file, origin: "tools" });
  assert.deepEqual(onPath, { found: true, file: "C:\\tools\\fimble.exe", origin: "path" });
});
