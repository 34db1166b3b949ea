/** What a group can hold its processes to. */
export type LimitName = "memory" | "cpu" | "processes";

/** What the processes of a group may use; 0 for no limit. */
export interface GroupLimits {
  /** Processors; may be a fraction. */
  readonly cpu: number;
  /** Bytes, with what would be swapped out. */
  readonly memory: number;
  /** How many processes and threads. */
  readonly processes: number;
}

/** What the processes of a group have used since {@link Group.begin}. Null where the kernel does not say. */
export interface GroupUsage {
  readonly cpuMs: number | null;
  /** Bytes: the most at one time, without what of files is cached. */
  readonly peakMemory: number | null;
  /** How many processes the kernel has killed for want of memory. */
  readonly memoryKills: number;
  /** How often no further process was let in. */
  readonly refusedForks: number;
  /** How many processes and threads there are now; 0 where that is not known. */
  readonly processes: number;
}

/**
 * A control group that is used for one job after the other: making one and moving a process into it takes 5 to 12 ms
 * (the kernel waits until no processor looks at the old tables), giving it other limits 0.1.
 */
export interface Group {
  /** Files that a process writes `0` to in order to be a member; its children are from birth. */
  readonly doors: readonly string[];
  /** Sets the limits and forgets what was used. */
  begin(limits: GroupLimits): void;
  /** What was used since, up to now. */
  usage(): GroupUsage;
  /** Ids of all processes in it. */
  members(): number[];
  /** Lets nobody in any more, so that what kills the members gets them all. */
  close(): void;
  /** Removes it; false when it is not empty. */
  remove(): boolean;
}

/** The place where a launcher makes its groups. */
export interface GroupPlace {
  readonly version: 1 | 2;
  /** What groups here hold their processes to. */
  readonly enforced: readonly LimitName[];
  /**
   * Makes a group.
   *
   * @throws what the file system does
   */
  make(): Group;
  /** Ends what is left in the groups, and removes them. */
  remove(): void;
}

/** Makes and removes the folders that groups are: another in tests, where no kernel fills them with files. */
export interface Folders {
  make(dir: string): void;
  remove(dir: string): void;
}

/** What control groups can do on this machine, for this user. */
export interface CgroupSupport {
  /** Of the kernel's interface that would be used; 0 where there is none. */
  readonly version: 0 | 1 | 2;
  readonly enforced: readonly LimitName[];
  /** Why something is not enforced, and what helps; null where all is. */
  readonly why: string | null;
}

/** All limits, in the order in which they are listed. */
export const LIMITS: readonly LimitName[] = ["memory", "cpu", "processes"];
