export function createBundledModules(folder: string): {
  readonly hasModules: boolean;
  resolve(wanted: string): string;
  read(name: string): string;
};
