import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { EPOCH } from "./program.ts";
import type { Privilege } from "./privilege.ts";

/** The capabilities that a package's installation may need: those Docker gives, but for making devices. */
const CAPABILITIES = [
  "CAP_AUDIT_WRITE",
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];

/** Where a host keeps the authorities that it trusts: Debian and Ubuntu, Fedora, SUSE, Alpine. */
export const AUTHORITIES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
] as const;

/** A program that runs in a root file system while that is built. */
export interface Inside {
  /** The root file system, writable. */
  readonly root: string;
  /** A folder of this build, for what is thrown away. */
  readonly scratch: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Files and folders of this machine, by where they are seen inside. */
  readonly binds?: Readonly<Record<string, { readonly from: string; readonly writable?: boolean }>>;
}

/** Where a build's own things are seen inside. It is empty in what is built. */
export const OWN = "/run/ligase";

/**
 * The command that runs a program inside of a root file system that is being built: as its root user, with the network, and
 * with nothing else of this machine. It ends with the process that builds.
 *
 * Secrets have no business in a build, so variables may stand in the command.
 */
export function insideCommand(bwrap: string, privilege: Privilege, inside: Inside): readonly string[] {
  const { root, scratch, command, env, cwd = "/", binds = {} } = inside;
  const temporary = join(scratch, "tmp");
  mkdirSync(temporary, { recursive: true });
  // Programs that are not root write there, too: apt's, when it checks signatures. Making it heeds the umask.
  chmodSync(temporary, 0o1777);
  const single = privilege.kind === "single" ? ["--unshare-user", "--uid", "0", "--gid", "0"] : [];
  const authorities = binds[`${OWN}/authorities.pem`] === undefined ? {} : authorityVariables();
  const variables = { ...BASIC, ...authorities, ...proxies(), ...env };
  return [
    ...privilege.prefix,
    bwrap,
    ...single,
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--die-with-parent",
    "--new-session",
    ...(single.length > 0 ? [] : ["--cap-drop", "ALL", ...CAPABILITIES.flatMap((name) => ["--cap-add", name])]),
    "--bind",
    root,
    "/",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--bind",
    temporary,
    "/tmp",
    "--ro-bind-try",
    "/etc/resolv.conf",
    "/etc/resolv.conf",
    "--ro-bind-try",
    "/etc/hosts",
    "/etc/hosts",
    "--tmpfs",
    OWN,
    ...Object.entries(binds).flatMap(([at, { from, writable }]) => [writable ? "--bind" : "--ro-bind", from, at]),
    "--chdir",
    cwd,
    "--clearenv",
    ...Object.entries(variables).flatMap(([name, value]) => ["--setenv", name, value]),
    "--",
    ...command,
  ];
}

const BASIC: Readonly<Record<string, string>> = {
  HOME: "/root",
  USER: "root",
  LANG: "C.UTF-8",
  SOURCE_DATE_EPOCH: EPOCH,
  PYTHONDONTWRITEBYTECODE: "1",
};

/** A build trusts whom this machine trusts: behind a proxy that reads along, nothing else would reach the network. */
export function authorityVariables(path = `${OWN}/authorities.pem`): Readonly<Record<string, string>> {
  return { SSL_CERT_FILE: path, PIP_CERT: path, CURL_CA_BUNDLE: path, REQUESTS_CA_BUNDLE: path, GIT_SSL_CAINFO: path };
}

function proxies(): Readonly<Record<string, string>> {
  const kept = Object.entries(process.env).filter(([name]) => /^(https?|ftp|all|no)_proxy$/i.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""]));
}
