/**
 * @file What the probing process runs (probe.ts). It is source text, so that it starts the same way from TypeScript, from the
 * built studio and from the packaged app. Everything here may crash or hang: it calls the graphics driver.
 */

/** Arguments: the address of the package, the wanted name (may be empty). Prints one line of JSON. */
export const PROBE_SOURCE = `
const [address, wanted] = process.argv.slice(-2);
const { create } = await import(address);
const named = async (name) => {
  const gpu = create(name === null ? [] : ['adapter=' + name]);
  try {
    return { gpu, adapter: await gpu.requestAdapter({ powerPreference: 'high-performance' }) };
  } catch (error) {
    return { gpu, adapter: null, said: String(error?.message ?? error) };
  }
};
// Only an adapter that cannot exist makes the package list those that do.
const { said = '' } = await named('\\u0001none');
const names = [...said.matchAll(/name: '([^\\n]*)'/g)].map(([, name]) => name);
// What nobody asked for by name is opened as the system chooses, not as the first of the list.
const match = wanted === '' ? undefined : names.find((name) => name.toLowerCase().includes(wanted.toLowerCase()));
const found = wanted === '' ? await named(null) : match === undefined ? { adapter: null } : await named(match);
const { adapter } = found;
const told = { names, name: match ?? null, adapter: null };
if (adapter !== null) {
  const { limits, info } = adapter;
  told.adapter = {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    software: info.isFallbackAdapter === true,
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
  };
}
process.stdout.write(JSON.stringify(told) + '\\n', () => process.exit(0));
`;
