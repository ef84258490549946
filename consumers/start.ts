import { run } from "./command.ts";
import type { Finding } from "./finding.ts";
import type { Project } from "./project.ts";
import type { Runtime } from "./tools.ts";

/** Runs a project's program as it is: Node itself strips the types. */
export async function start({ name, path }: Runtime, project: Project): Promise<Finding> {
  const { succeeded, output } = await run(path, ["main.ts"], project.folder);
  const finding = { consumer: project.consumer.name, tried: name };
  return succeeded ? finding : { ...finding, problem: output };
}
