// Writes custom resources as literals of their published types: tsc then refuses unknown, missing and wrong fields.
import fs from 'node:fs';

const packages = {
  'external-secrets.io': 'external-secrets',
  'gateway.networking.k8s.io': 'gateway-api',
  'keda.sh': 'keda',
  'monitoring.coreos.com': 'prometheus-operator',
};
const [from, to] = process.argv.slice(2);
const lines = JSON.parse(fs.readFileSync(from, 'utf8')).flatMap((object, i) => {
  const [group, version] = object.apiVersion.split('/');
  const module = `@kubernetes-models/${packages[group]}/${group}/${version}/${object.kind}`;
  return [
    `import type {I${object.kind} as Type${i}} from '${module}';`,
    `export const object${i}: Type${i} = ${JSON.stringify(object)};`,
  ];
});
fs.writeFileSync(to, lines.join('\n') + '\n');
