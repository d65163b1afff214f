// Builds assets/built/ from our own sources and the locked npm packages.
// Run it with `npm run build`. Nothing in the output points outside our own site.
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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

// Files are written over, never removed first: a server may be reading them while we build.
const made = new Set()

function make (name, content) {
  const path = join(built, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
  made.add(path)
}

function buildStyles () {
  const { css } = sass.compile(join(here, 'lantern.scss'), {
    loadPaths: [modules],
    style: 'compressed',
    quietDeps: true
  })
  make('lantern.css', css)
}

// The module's name carries its version, so that a browser never mixes an old copy with a new script.
function buildScripts () {
  const { version } = JSON.parse(readFileSync(join(modules, 'govuk-frontend', 'package.json'), 'utf8'))
  const name = `govuk-frontend-${version}.min.js`
  const theirs = readFileSync(join(modules, 'govuk-frontend', 'dist', 'govuk', 'govuk-frontend.min.js'), 'utf8')
  make(name, theirs.replace(/^\/\/# sourceMappingURL=.*$/m, ''))
  const ours = readFileSync(join(here, 'lantern.js'), 'utf8')
  make('lantern.js', ours.replace("'govuk-frontend'", `'./${name}'`))
}

function copyFonts () {
  for (const font of fonts) make(join('fonts', font), readFileSync(join(fontPackage, 'files', font)))
  make(join('fonts', 'LICENSE.txt'), readFileSync(join(fontPackage, 'LICENSE')))
}

function copyImages () {
  const images = join(here, 'images')
  for (const image of readdirSync(images)) make(join('images', image), readFileSync(join(images, image)))
}

function removeOld () {
  for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    if (entry.isFile() && !made.has(path)) rmSync(path, { force: true })
  }
}

buildStyles()
buildScripts()
copyFonts()
copyImages()
removeOld()
console.log(`Built the front end in ${built}`)
