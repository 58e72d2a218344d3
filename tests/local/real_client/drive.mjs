// Walks the real Supabase clients through the local issuer and prints one JSON object of what they saw.
// usage: node drive.mjs <supabase url> <anon key> <service key> <mail folder>
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServerClient } from '@supabase/ssr'
import { createClient } from '@supabase/supabase-js'

globalThis.WebSocket ??= class {} // Node 20 has none; the realtime part is not used

const [url, anonKey, serviceKey, mailFolder] = process.argv.slice(2)
const domain = `${randomUUID().slice(0, 8)}.example` // several runs may share a database
const founder = { email: `founder@${domain}`, password: 'correct horse' }
const seen = {}

function note(step, { data, error }) {
  seen[step] = error
    ? { error: error.code, status: error.status, kind: error.name, reasons: error.reasons }
    : { user: data?.user?.email?.split('@')[0] ?? null, session: Boolean(data?.session) }
  return data
}

function browser() {
  const kept = new Map()
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }
  const auth = { storage, persistSession: true, autoRefreshToken: false, flowType: 'pkce' }
  return createClient(url, anonKey, { auth })
}

function linkOfNewestMail() {
  const newest = readdirSync(mailFolder).sort().at(-1)
  const text = readFileSync(join(mailFolder, newest), 'utf8').replace(/=\r?\n/g, '').replace(/=3D/g, '=')
  return text.match(/https?:\/\/\S+\/verify\?\S+/)[0]
}

const client = browser()
note('signUp', await client.auth.signUp({ ...founder, options: { data: { full_name: 'Asha' } } }))
note('weak', await client.auth.signUp({ email: `weak@${domain}`, password: 'x' }))
note('duplicate', await client.auth.signUp(founder))
note('anonymous', await client.auth.signInAnonymously())
note('wrongPassword', await client.auth.signInWithPassword({ ...founder, password: 'wrong one' }))
note('signIn', await client.auth.signInWithPassword(founder))
note('getUser', await client.auth.getUser())

const claims = await client.auth.getClaims()
seen.getClaims = { algorithm: claims.data?.header.alg, role: claims.data?.claims.role }

const before = (await client.auth.getSession()).data.session
const after = note('refresh', await client.auth.refreshSession())
seen.rotated = before.refresh_token !== after.session.refresh_token
seen.sameSession = (await client.auth.getClaims()).data.claims.session_id === claims.data.claims.session_id

note('updateUser', await client.auth.updateUser({ data: { city: 'Pune' } }))
seen.metadata = (await client.auth.getUser()).data.user.user_metadata

const redirectTo = 'http://localhost:3000/auth/callback'
seen.recoverError = (await client.auth.resetPasswordForEmail(founder.email, { redirectTo })).error
const back = await fetch(linkOfNewestMail(), { redirect: 'manual' })
const target = new URL(back.headers.get('location'))
seen.landed = { status: back.status, at: target.origin + target.pathname }
note('exchange', await client.auth.exchangeCodeForSession(target.searchParams.get('code')))
note('newPassword', await client.auth.updateUser({ password: 'battery staple' }))
note('oldPassword', await browser().auth.signInWithPassword(founder))

seen.signOutError = (await client.auth.signOut()).error
seen.afterSignOut = (await client.auth.getSession()).data.session

founder.password = 'battery staple'
let cookies = []
const methods = {
  getAll: () => cookies,
  setAll: (changed) => {
    const names = new Set(changed.map(({ name }) => name))
    cookies = [...cookies.filter(({ name }) => !names.has(name)), ...changed.filter(({ value }) => value)]
  },
}
note('ssrSignIn', await createServerClient(url, anonKey, { cookies: methods }).auth.signInWithPassword(founder))
const nextRequest = createServerClient(url, anonKey, { cookies: methods })
seen.ssrClaims = (await nextRequest.auth.getClaims()).data?.claims.email.split('@')[0]
note('ssrUser', await nextRequest.auth.getUser())

const admin = createClient(url, serviceKey, { auth: { persistSession: false } }).auth.admin
const invited = { email: `invited@${domain}`, user_metadata: { full_name: 'Ravi' } }
const created = note('adminCreate', await admin.createUser(invited))
seen.adminListed = (await admin.listUsers({ page: 1, perPage: 50 })).data.users.map(({ email }) => email)
  .filter((email) => email.endsWith(domain))
  .map((email) => email.split('@')[0])
const link = await admin.generateLink({ type: 'magiclink', email: invited.email })
const token_hash = link.data.properties.hashed_token
note('magicLink', await browser().auth.verifyOtp({ type: 'magiclink', token_hash }))
note('adminGet', await admin.getUserById(created.user.id))
seen.adminDeleteError = (await admin.deleteUser(created.user.id)).error
note('adminGone', await admin.getUserById(created.user.id))
note('notAdmin', await client.auth.admin.listUsers())

console.log(JSON.stringify(seen))
