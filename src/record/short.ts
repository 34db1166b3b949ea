/** An id as it is shown: long enough to be unique in any store of a sane size. */
export const short = (id: string): string => id.slice(0, 8);
