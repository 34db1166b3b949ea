/** The error of a job, of what its worker sent: JSON with `error_type` and `error_message`, or a sentence. */
export function errorOfJob(text: string): Error {
  const { type, message, traceback } = read(text);
  const error = new Error(message);
  if (type !== undefined) Object.defineProperty(error, "name", { value: type, configurable: true });
  error.stack = traceback ?? `${error.name}: ${message}`;
  return error;
}

interface JobError {
  readonly type?: string;
  readonly message: string;
  readonly traceback?: string;
}

function read(text: string): JobError {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { message: text };
  }
  if (typeof json === "string") return read(json);
  if (typeof json !== "object" || json === null) return { message: text };
  const field = (name: string): string | undefined => {
    const value: unknown = Reflect.get(json, name);
    return typeof value === "string" ? value : undefined;
  };
  const [type, traceback] = [className(field("error_type")), field("error_traceback")];
  return {
    message: field("error_message") ?? text,
    ...(type !== undefined && { type }),
    ...(traceback !== undefined && { traceback }),
  };
}

/** Python says `<class 'ValueError'>`. */
function className(type: string | undefined): string | undefined {
  return /^<class '(?:[\w.]+\.)?(\w+)'>$/.exec(type ?? "")?.[1] ?? type;
}
