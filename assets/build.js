// Builds assets/built/ from our own sources and the locked npm packages.
// Run it with `npm run build`. Nothing in the output points outside our own site.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, '..', 'node_modules')
const built = join(here, 'built')

const fontPackage = join(modules, '@fontsource', 'atkinson-hyperlegible-next')
// latin-ext carries the Welsh letters ŵ and ŷ.
const fonts = ['latin', 'latin-ext'].flatMap((subset) =>
  [400, 700].map((weight) => `atkinson-hyperlegible-next-${subset}-${weight}-normal.woff2`)
)

function buildStyles () {
  const { css } = sass.compile(join(here, 'lantern.scss'), {
    loadPaths: [modules],
    style: 'compressed',
    quietDeps: true
  })
  writeFileSync(join(built, 'lantern.css'), css)
}

// The module's name carries its version, so that a browser never mixes an old copy with a new script.
function buildScripts () {
  const { version } = JSON.parse(readFileSync(join(modules, 'govuk-frontend', 'package.json'), 'utf8'))
  const name = `govuk-frontend-${version}.min.js`
  const theirs = readFileSync(join(modules, 'govuk-frontend', 'dist', 'govuk', 'govuk-frontend.min.js'), 'utf8')
  writeFileSync(join(built, name), theirs.replace(/^\/\/# sourceMappingURL=.*$/m, ''))
  const ours = readFileSync(join(here, 'lantern.js'), 'utf8')
  writeFileSync(join(built, 'lantern.js'), ours.replace("'govuk-frontend'", `'./${name}'`))
}

function copyFonts () {
  mkdirSync(join(built, 'fonts'))
  for (const font of fonts) cpSync(join(fontPackage, 'files', font), join(built, 'fonts', font))
  cpSync(join(fontPackage, 'LICENSE'), join(built, 'fonts', 'LICENSE.txt'))
}

rmSync(built, { recursive: true, force: true })
mkdirSync(built, { recursive: true })
buildStyles()
buildScripts()
copyFonts()
cpSync(join(here, 'images'), join(built, 'images'), { recursive: true })
console.log(`Built the front end in ${built}`)
