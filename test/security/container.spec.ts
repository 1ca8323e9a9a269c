import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../system/child.ts";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

describe("the image", () => {
  const lines = read("Dockerfile")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
  const at = (start: string) => last.findIndex((line) => line.startsWith(start));

  it("runs as somebody who is not root, to whom no file of the program belongs", () => {
    expect(last.filter((line) => line.startsWith("USER "))).toEqual(["USER node"]);
    expect(at("USER")).toBeGreaterThan(last.findLastIndex((line) => line.startsWith("COPY ")));
    expect(last.filter((line) => /^(COPY|ADD) .*--chown/.test(line))).toEqual([]);
    expect(last.filter((line) => /chmod .*(777|o\+w|a\+w)/.test(line))).toEqual([]);
    expect(last.filter((line) => /--owner=node/.test(line)).every((line) => line.includes("--mode=0700 /data"))).toBe(
      true,
    );
  });

  it("has no secret in it, nothing of the repository that it does not need, and no development packages", () => {
    expect(lines.filter((line) => /^(ENV|ARG) .*(SECRET|PASSWORD|TOKEN|KEY)/i.test(line))).toEqual([]);
    expect(read(".dockerignore").split("\n")[0]).toBe("*");
    expect(lines.join("\n")).toContain("npm ci --omit=dev");
    expect(lines.filter((line) => /^ADD |curl|wget/.test(line))).toEqual([]);
  });
});

describe("the compose file", () => {
  /** The lines of one service, from its name to the next of as little indentation. */
  const service = (name: string): string =>
    new RegExp(`^ {2}${name}:\\n((?: {4}.*\\n|\\n)*)`, "m").exec(read("docker-compose.yml"))?.[1] ?? "";

  it("runs Boxoffice on a file system that it can't write to, without capabilities and new privileges", () => {
    const boxoffice = service("boxoffice");
    expect(boxoffice).toMatch(/^ {4}read_only: true$/m);
    expect(boxoffice).toMatch(/^ {4}tmpfs: \[\/tmp\]$/m);
    expect(boxoffice).toMatch(/^ {4}cap_drop: \[ALL\]$/m);
    expect(boxoffice).toMatch(/^ {4}security_opt: \["no-new-privileges:true"\]$/m);
    expect(boxoffice).not.toMatch(/privileged|cap_add|network_mode: host|docker\.sock|user: *["']?(0|root)/);
  });

  it("opens ports on this machine only", () => {
    const ports = [...read("docker-compose.yml").matchAll(/^ {4}ports: \[(.*)\]$/gm)].map(([, list]) => list ?? "");
    expect(ports.length).toBeGreaterThan(2);
    for (const list of ports) expect(list).toMatch(/^"127\.0\.0\.1:/);
  });
});
