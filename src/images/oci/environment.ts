/**
 * Variables that the clients themselves read, or that decide how any program runs: where they keep their images, how
 * they reach their daemon. A job's own values of these must not reach the client.
 */
const OF_CLIENTS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|LANG|LC_\w+|TERM|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|SSH_AUTH_SOCK|REGISTRY_AUTH_FILE|STORAGE_(DRIVER|OPTS)|(CONTAINERS?|DOCKER|PODMAN|BUILDAH|BUILDKIT)_\w+|_CONTAINERS_\w+|NETAVARK_FW|INIT_VERSION|LISTEN_\w+|NOTIFY_SOCKET|LD_\w+|GO\w*|GLIBC_TUNABLES|(https?|no|all|ftp)_proxy|(HTTPS?|NO|ALL|FTP)_PROXY|SSL_CERT_(FILE|DIR))$/;

/** Is a variable one that the client reads? */
export function isClients(name: string): boolean {
  return OF_CLIENTS.test(name);
}

/**
 * What a client needs of this process's environment, and no more: a token in the caller's shell is none of its business.
 *
 * @example
 * ```ts
 * clientEnvironment({ PATH: "/usr/bin", DOCKER_HOST: "unix:///run/d.sock", TOKEN: "x" }); // without TOKEN
 * ```
 */
export function clientEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && isClients(pair[0])),
  );
}

/** A job's variables, as a client is told of them. */
export interface PassedEnvironment {
  readonly flags: readonly string[];
  /** To be in the client's own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Hands variables on by their names alone, with the values in the client's environment: a command line can be read by
 * everybody on the machine, an environment only by its owner. Those that the client itself reads cannot go that way.
 */
export function passEnvironment(variables: Readonly<Record<string, string>>): PassedEnvironment {
  const flags: string[] = [];
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    // Podman takes a star at the end of a name for all that begin so.
    if (isClients(name) || !/^\w+$/.test(name)) flags.push("--env", `${name}=${value}`);
    else {
      flags.push("--env", name);
      env[name] = value;
    }
  }
  return { flags, env };
}
