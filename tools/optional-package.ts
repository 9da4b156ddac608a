/**
 * Loads a package that only services which use it have to install.
 * @throws Error naming the package and how to install it
 */
export async function optionalPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Error(`The package "${name}" is not installed; run \`npm install ${name}\`.`, { cause: error });
    }
    throw error;
  }
}
