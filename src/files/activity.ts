/** What takes its time with bytes: finding out what a file contains, fetching, bringing in, taking over, publishing. */
export type ActivityKind = "hash" | "fetch" | "stage" | "keep" | "publish";

/** One such work under way. */
export interface Activity {
  /** So much of it stands done already, of so much in all; that does not count as moved. */
  readonly at: (done: number, total: number | undefined) => void;
  /** So many more bytes were moved. */
  readonly moved: (bytes: number) => void;
  /** It is over, done or not. */
  readonly end: () => void;
}

/** Where whoever works with many bytes says so, for a display to show it. */
export interface Activities {
  /**
   * @param what - the file, or the host it comes from
   * @param total - bytes, if that is known
   */
  begin(kind: ActivityKind, what: string, total?: number): Activity;
}

const NOTHING: Activity = { at() {}, moved() {}, end() {} };

/** Nobody listens. */
export const noActivities: Activities = { begin: () => NOTHING };

/** Tells of one activity from its begin to its end. */
export async function active<T>(activity: Activity, work: (activity: Activity) => Promise<T>): Promise<T> {
  try {
    return await work(activity);
  } finally {
    activity.end();
  }
}
