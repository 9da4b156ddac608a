/** This process's clock, moved ahead of the real one. Temporal's own clock, and Redis's, stay as they are. */
export interface ShiftedClock {
  readonly ahead: (milliseconds: number) => void;
  /** Puts the real clock back. */
  readonly restore: () => void;
}

/** Takes the place of `Date` for everything that is built afterwards in this process. */
export function shiftClock(): ShiftedClock {
  const RealDate = Date;
  let offset = 0;
  const now = (): number => RealDate.now() + offset;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: [] | [number | string | Date]) =>
      given.length === 0 ? new target(now()) : Reflect.construct(target, given),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
  return {
    ahead: (milliseconds) => {
      offset += milliseconds;
    },
    restore: () => {
      globalThis.Date = RealDate;
    },
  };
}
