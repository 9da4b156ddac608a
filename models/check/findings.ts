/** One thing that was found out about a model and its server. */
export interface Finding {
  readonly about:
    | 'answers'
    | 'tools'
    | 'parallel calls'
    | 'call ids'
    | 'streaming'
    | 'usage'
    | 'thoughts'
    | 'system messages'
    | 'asking for a tool'
    | 'strict schemas'
    | 'context';
  /** `odd`: not as the protocol has it, and met. `missing`: no agent can work with it. */
  readonly state: 'ok' | 'odd' | 'missing';
  readonly says: string;
  /** What Waymark does about it, or a person can. */
  readonly mend?: string;
}

export function fine(about: Finding['about'], says: string, mend?: string): Finding {
  return { about, state: 'ok', says, ...(mend === undefined ? {} : { mend }) };
}

export function odd(about: Finding['about'], says: string, mend: string): Finding {
  return { about, state: 'odd', says, mend };
}

export function lacking(about: Finding['about'], says: string, mend: string): Finding {
  return { about, state: 'missing', says, mend };
}
