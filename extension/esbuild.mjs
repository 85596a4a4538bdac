// Bundles the extension into one file, and the suite that runs inside the editor into another.
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  logLevel: "warning",
  metafile: true,
};

const { metafile } = await build({
  ...common,
  entryPoints: ["src/extension.ts"],
  outfile: "out/extension.cjs",
  minify: true,
  legalComments: "none",
});
fs.writeFileSync("out/third-party-notices.txt", notices(Object.keys(metafile.inputs)));
await build({ ...common, entryPoints: ["e2e/suite/index.ts"], outfile: "out/suite.cjs" });

/** The licences of everything that was bundled, which they ask to be passed on. */
function notices(inputs) {
  const folders = new Set(
    inputs.map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]),
  );
  folders.delete(undefined);
  const parts = [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(
      fs.readFileSync(path.join(folder, "package.json"), "utf8"),
    );
    const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) {
      throw new Error(`${folder} has no licence file`);
    }
    const text = fs.readFileSync(path.join(folder, file), "utf8").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `The extension holds parts of these packages.\n\n${parts.join("\n----\n\n")}`;
}
