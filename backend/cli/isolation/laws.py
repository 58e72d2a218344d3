"""What must hold of the schema itself, asked of the catalogue by any role: nothing is written.

Each law yields its faults, a sentence each; an empty law is kept.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import LiteralString

from backend.cli.isolation.catalogue import Table
from backend.cli.isolation.grants import (
    KEPT_FROM_USERS,
    NEVER_UPDATED,
    OWNER_MAY,
    SECURITY_DEFINERS,
    WITHOUT_POLICY,
)
from backend.cli.isolation.tenants import Connection
from backend.core.job_schema import RUNTIME_ROLE

Tables = dict[str, Table]
VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
API_ROLES = {"anon", "authenticated", "service_role"}
KINDS = {"m": "materialized view", "f": "foreign table", "v": "view without security_invoker"}
CLOSED_SCHEMAS = {"api": {RUNTIME_ROLE}, "jobs": {RUNTIME_ROLE, "service_role"}}
"""Schemas that PostgREST must not serve -> the only roles that may enter, beside the owner."""

RUNTIME: LiteralString = """
select rolsuper, rolbypassrls, rolinherit, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin
from pg_roles where rolname = %s
"""
MEMBER_OF: LiteralString = """
select r.rolname from pg_roles r
where pg_has_role(%(role)s, r.oid, 'member') and r.rolname <> %(role)s order by 1
"""
OWNS: LiteralString = """
select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relowner = to_regrole(%(role)s) and n.nspname !~ '^pg_(toast|temp)' order by 1
"""
UNAIDED: LiteralString = """
select c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and has_any_column_privilege(%(role)s, c.oid, 'select, insert, update') order by 1
"""
ABOVE_POLICIES: LiteralString = """
select rolname from pg_roles
where rolname in ('anon', 'authenticated') and (rolsuper or rolbypassrls)
"""
POLICIES: LiteralString = """
select tablename, policyname, roles::text[], permissive from pg_policies where schemaname = 'public'
"""
HOLDERS: LiteralString = """
select c.relname, coalesce(grantee.rolname, 'public'), acl.privilege_type
from pg_class c, aclexplode(c.relacl) as acl left join pg_roles grantee on grantee.oid = acl.grantee
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and c.relowner <> acl.grantee
union
select c.relname || '.' || a.attname, coalesce(grantee.rolname, 'public'), acl.privilege_type
from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) as acl
left join pg_roles grantee on grantee.oid = acl.grantee
where c.relnamespace = 'public'::regnamespace and c.relowner <> acl.grantee
order by 1, 2, 3
"""
UPDATABLE: LiteralString = """
select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
  and not a.attisdropped and has_column_privilege('authenticated', c.oid, a.attnum, 'update')
"""
FUNCTIONS: LiteralString = """
select p.proname, p.prosecdef, p.prosqlbody is not null or 'search_path=""' = any(p.proconfig),
  has_function_privilege('anon', p.oid, 'execute')
from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'api')
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by 1
"""
SCHEMAS: LiteralString = """
select n.nspname, coalesce(grantee.rolname, 'public'), acl.privilege_type
from pg_namespace n, aclexplode(n.nspacl) as acl left join pg_roles grantee on grantee.oid = acl.grantee
where n.nspname in ('public', 'api', 'jobs') and n.nspowner <> acl.grantee
"""
EXPOSED: LiteralString = """
select setting from pg_db_role_setting s, unnest(s.setconfig) as setting
where s.setrole = to_regrole('authenticator') and setting like 'pgrst.db\\_schemas=%'
"""
DEFAULTS: LiteralString = """
select coalesce(grantee.rolname, 'public'), d.defaclrole::regrole::text
from pg_default_acl d, aclexplode(d.defaclacl) as acl left join pg_roles grantee on grantee.oid = acl.grantee
where d.defaclnamespace = 'public'::regnamespace and d.defaclobjtype = 'r'
  and d.defaclrole = (select relowner from pg_class where oid = 'public.workspaces'::regclass)
"""
VIEWS: LiteralString = """
select c.relname, c.relkind::text, coalesce('security_invoker=true' = any (c.reloptions)
  or 'security_invoker=on' = any (c.reloptions), false)
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm', 'f')
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""


@dataclass(frozen=True)
class Law:
    name: str
    holds: str
    """What is said when there is no fault."""
    mend: str
    faults: Callable[[Connection, Tables], Iterator[str]]


def runtime_role(connection: Connection, tables: Tables) -> Iterator[str]:
    flags = connection.execute(RUNTIME, (RUNTIME_ROLE,)).fetchone()
    if flags is None:
        yield f"there is no role {RUNTIME_ROLE}"
        return
    names = ("SUPERUSER", "BYPASSRLS", "INHERIT", "CREATEROLE", "CREATEDB", "REPLICATION")
    for name, is_set in zip(names, flags, strict=False):
        if is_set:
            yield f"{RUNTIME_ROLE} is {name}"
    about = {"role": RUNTIME_ROLE}
    members = {row[0] for row in connection.execute(MEMBER_OF, about)}
    for role in sorted(members - API_ROLES):
        yield f"{RUNTIME_ROLE} may become {role}"
    for role in sorted(API_ROLES - members):
        yield f"{RUNTIME_ROLE} may not become {role}"
    for (name,) in connection.execute(OWNS, about):
        yield f"{RUNTIME_ROLE} owns {name}"
    for (name,) in connection.execute(UNAIDED, about):
        yield f"{RUNTIME_ROLE} reaches {name} without taking a role"


def api_roles(connection: Connection, tables: Tables) -> Iterator[str]:
    for (role,) in connection.execute(ABOVE_POLICIES):
        yield f"{role} is above row-level security"


def row_level_security(connection: Connection, tables: Tables) -> Iterator[str]:
    for table in tables.values():
        if not table.rls_enabled:
            yield f"{table.name}: row-level security is off"
        elif not table.rls_forced:
            yield f"{table.name}: row-level security is not forced on its owner"


def policies(connection: Connection, tables: Tables) -> Iterator[str]:
    for table in tables.values():
        if table.name in OWNER_MAY and not table.policies and table.name not in WITHOUT_POLICY:
            yield f"{table.name}: its policy is gone"
        if table.policies and table.name in WITHOUT_POLICY:
            yield f"{table.name}: has a policy, but belongs to the server alone"
    for name, policy, roles, permissive in connection.execute(POLICIES):
        if roles != ["authenticated"] or permissive != "PERMISSIVE":
            yield f"{name}: policy {policy!r} is {permissive.lower()} for {', '.join(roles)}"


def reviewed_tables(connection: Connection, tables: Tables) -> Iterator[str]:
    for name in sorted(tables.keys() - OWNER_MAY.keys()):
        yield f"{name} is not a table of Raptorflow"
    for name in sorted(OWNER_MAY.keys() - tables.keys()):
        yield f"{name} is missing"


def table_grants(connection: Connection, tables: Tables) -> Iterator[str]:
    for name, role, privilege in connection.execute(HOLDERS):
        if role not in ("authenticated", "service_role") or privilege not in VERBS:
            yield f"{role} holds {privilege} on {name}"


def column_grants(connection: Connection, tables: Tables) -> Iterator[str]:
    for name, column in connection.execute(UPDATABLE):
        if column in NEVER_UPDATED or column in KEPT_FROM_USERS.get(name, ()):
            yield f"users may set {name}.{column}"


def functions(connection: Connection, tables: Tables) -> Iterator[str]:
    for name, definer, pinned, open_to_anon in connection.execute(FUNCTIONS):
        if definer and name not in SECURITY_DEFINERS:
            yield f"{name} is SECURITY DEFINER and nobody has reviewed it"
        if not pinned:  # by a setting, or because its names were resolved when it was made
            yield f"{name} does not pin search_path"
        if open_to_anon:
            yield f"anyone may call {name}"


def schemas(connection: Connection, tables: Tables) -> Iterator[str]:
    for schema, role, privilege in connection.execute(SCHEMAS):
        if schema in CLOSED_SCHEMAS and role not in CLOSED_SCHEMAS[schema]:
            yield f"{role} may enter schema {schema}"
        if schema == "public" and privilege == "CREATE" and role in {"public", *API_ROLES}:
            yield f"{role} may create in schema public"
    for (setting,) in connection.execute(EXPOSED):
        served = {name.strip() for name in setting.partition("=")[2].split(",")}
        for name in sorted(served & {*CLOSED_SCHEMAS, "auth", "storage", "supabase_migrations"}):
            yield f"PostgREST serves schema {name}"


def default_privileges(connection: Connection, tables: Tables) -> Iterator[str]:
    if "workspaces" not in tables:
        return
    for role, by in sorted(set(connection.execute(DEFAULTS))):
        if role in {"public", *API_ROLES}:
            yield f"a new table of {by} is granted to {role} by itself"


def views(connection: Connection, tables: Tables) -> Iterator[str]:
    for name, kind, invoker in connection.execute(VIEWS):
        if not invoker:
            yield f"{name} is a {KINDS[kind]}: it shows rows past their policies"


MIGRATE = "run `raptorflow migrate`; what was changed by hand must be undone by hand"
LAWS = (
    Law(
        "runtime role",
        f"{RUNTIME_ROLE} owns nothing, bypasses nothing and is nobody until it takes a role",
        f"alter role {RUNTIME_ROLE} nosuperuser nobypassrls noinherit nocreaterole nocreatedb"
        " noreplication; revoke or reassign the rest",
        runtime_role,
    ),
    Law(
        "user roles",
        "anon and authenticated stand under row-level security",
        "alter role anon nosuperuser nobypassrls; the same for authenticated",
        api_roles,
    ),
    Law("tables", "every table is one that was reviewed", MIGRATE, reviewed_tables),
    Law(
        "row-level security",
        "enabled and forced on every table",
        "alter table public.<table> enable row level security, force row level security",
        row_level_security,
    ),
    Law(
        "policies",
        "every table of users has one, for signed-in users alone",
        "create the policy again as its file in supabase/migrations has it",
        policies,
    ),
    Law(
        "table grants",
        "authenticated and service_role hold the four verbs at most, nobody else anything",
        "revoke <privilege> on public.<table> from <role>",
        table_grants,
    ),
    Law(
        "column grants",
        "users set no key, no timestamp, no plan and no budget",
        "revoke update (<column>) on public.<table> from authenticated",
        column_grants,
    ),
    Law(
        "functions",
        "each pins its search_path, none is open to anyone, the definers are the reviewed ones",
        "alter function ... set search_path = ''; revoke execute on function ... from public, anon",
        functions,
    ),
    Law(
        "schemas",
        "api and jobs are closed to users, and public takes nothing from them",
        "revoke all on schema <schema> from <role>; take it off the project's exposed schemas",
        schemas,
    ),
    Law(
        "default privileges",
        "a new table is nobody's until its migration grants it",
        "alter default privileges in schema public revoke all on tables from <role>",
        default_privileges,
    ),
    Law(
        "views",
        "none shows rows past their policies",
        "alter view public.<view> set (security_invoker = true), or drop it",
        views,
    ),
)
