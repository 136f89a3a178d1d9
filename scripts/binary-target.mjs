// For which platform target a native library was made, told by its own header.

const ELF = { 0x3e: 'x64', 0xb7: 'arm64' };
const MACH_O = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const PE = { 0x8664: 'x64', 0xaa64: 'arm64' };

/**
 * As VSIX packages name it, e.g. "alpine-arm64"; null: no library of a platform that there is a package for.
 * @param {Buffer} binary the whole file
 * @returns {string | null}
 */
export function targetOf(binary) {
  if (binary.readUInt32BE(0) === 0x7f454c46) {
    const isMusl = binary.includes('libc.musl-');
    return named(isMusl ? 'alpine' : 'linux', ELF, binary.readUInt16LE(18));
  }
  if (binary.readUInt32LE(0) === 0xfeedfacf) {
    return named('darwin', MACH_O, binary.readUInt32LE(4));
  }
  if (binary.toString('latin1', 0, 2) === 'MZ') {
    const header = binary.readUInt32LE(0x3c);
    return binary.toString('latin1', header, header + 4) === 'PE\0\0' ? named('win32', PE, binary.readUInt16LE(header + 4)) : null;
  }
  return null;
}

/**
 * @param {string} system
 * @param {Readonly<Record<number, string>>} machines
 * @param {number} machine
 */
function named(system, machines, machine) {
  const name = machines[machine];
  return name === undefined ? null : `${system}-${name}`;
}
