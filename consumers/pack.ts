import { existsSync, globSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { mustRun } from "./command.ts";

/** A package as npm would hand it out. */
export interface PackedPackage {
  readonly name: string;
  /** Absent when it is not built. */
  readonly tarball?: string;
  /** The frameworks and clients that it works with. */
  readonly peers: readonly string[];
  /** Those of them without which it does not work, and their versions. */
  readonly requiredPeers: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Packs every package that is published, from what its last build left. */
export async function packAll(root: string, folder: string): Promise<PackedPackage[]> {
  const manifests = globSync("packages/*/package.json", { cwd: root }).sort();
  const packed = manifests.map((path) => pack(join(root, dirname(path)), folder));
  return (await Promise.all(packed)).flat();
}

async function pack(source: string, folder: string): Promise<PackedPackage[]> {
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as Manifest;
  const { name, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  if (manifest.private === true) return [];
  const required = Object.entries(peerDependencies).filter(
    ([peer]) => peerDependenciesMeta[peer]?.optional !== true,
  );
  const peers = Object.keys(peerDependencies);
  const requiredPeers = Object.fromEntries(required);
  const unpacked = { name, peers, requiredPeers };
  if (!existsSync(join(source, "dist/index.js"))) return [unpacked];
  const target = join(folder, basename(source));
  mkdirSync(target);
  await mustRun("pnpm", ["pack", "--pack-destination", target], source);
  const [file = ""] = readdirSync(target);
  return [{ ...unpacked, tarball: join(target, file) }];
}
