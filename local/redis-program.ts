/** A Redis server program and the modules it must load at start; none for a program that brings them. */
export interface RedisProgram {
  program: string;
  modules: string[];
}
