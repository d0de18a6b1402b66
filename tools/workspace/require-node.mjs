// Imported first, for its effect: an old Node must hear what it lacks before it meets syntax or modules that it lacks.
const NEEDED = { major: 20, minor: 19 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)) {
  console.error(
    `Annals needs Node.js ${NEEDED.major}.${NEEDED.minor} or newer; this is ${process.versions.node}. Install a newer one from nodejs.org or with your version manager (the repository has an .nvmrc).`,
  );
  process.exit(1);
}
