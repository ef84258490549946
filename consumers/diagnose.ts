import { createRequire } from "node:module";
import { dirname } from "node:path";

/**
 * A process of its own: compiles projects through the interface of one compiler, which can be asked
 * about single files. The program and our declarations are checked as `skipLibCheck: false` does,
 * those of others only as far as they are used; one process for all projects is twice as fast.
 * `node diagnose.ts <compiler> <tsconfig…>` prints what is wrong, as JSON, one line a project.
 */
interface Compiler {
  readonly sys: { readonly readFile: unknown };
  readConfigFile(path: string, read: unknown): { readonly config: unknown };
  parseJsonConfigFileContent(config: unknown, host: object, folder: string): ParsedConfig;
  createProgram(files: readonly string[], options: object): Program;
  getPreEmitDiagnostics(program: Program, file: SourceFile): readonly object[];
  formatDiagnostics(diagnostics: readonly object[], host: object): string;
}

interface ParsedConfig {
  readonly fileNames: readonly string[];
  readonly options: object;
}

interface Program {
  getSourceFiles(): readonly SourceFile[];
}

interface SourceFile {
  readonly fileName: string;
}

const [compilerPath = "", ...configs] = process.argv.slice(2);
const compiler = createRequire(import.meta.url)(compilerPath) as Compiler;

function isOurs({ fileName }: SourceFile): boolean {
  const installed = fileName.lastIndexOf("/node_modules/");
  return installed < 0 || /^\/node_modules\/@?burnrate\//.test(fileName.slice(installed));
}

function diagnose(path: string): string {
  const folder = dirname(path);
  const { config } = compiler.readConfigFile(path, compiler.sys.readFile);
  const { fileNames, options } = compiler.parseJsonConfigFileContent(config, compiler.sys, folder);
  const program = compiler.createProgram(fileNames, options);
  const ours = program.getSourceFiles().filter(isOurs);
  const found = new Set(ours.flatMap((file) => [...compiler.getPreEmitDiagnostics(program, file)]));
  return compiler.formatDiagnostics([...found], {
    getCanonicalFileName: (name: string) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => "\n",
  });
}

for (const path of configs) console.log(JSON.stringify(diagnose(path)));
