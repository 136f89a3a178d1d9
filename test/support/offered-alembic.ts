// Migrations and the end of an env.py with which the real Alembic runs.

/** Needs `url`. */
export const RUN = `from alembic import context
from sqlalchemy import create_engine
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
`;

export const revision = (id: string, parent: string | null): string =>
  `revision = '${id}'\ndown_revision = ${parent === null ? 'None' : `'${parent}'`}\nfrom alembic import op\nimport sqlalchemy as sa\n` +
  `def upgrade():\n    op.create_table('t_${id}', sa.Column('id', sa.Integer, primary_key=True))\ndef downgrade():\n    pass\n`;
