"""add salary to applications

Revision ID: a90b4e2f6c18
Revises: 71c3a5e8b9d2
Create Date: 2024-09-02 14:48:19.665002
"""
from alembic import op
import sqlalchemy as sa

revision = 'a90b4e2f6c18'
down_revision = '71c3a5e8b9d2'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('applications', recreate='always') as batch:
        batch.add_column(sa.Column('salary_from', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('salary_to', sa.Integer(), nullable=True))
        batch.create_index('ix_applications_status', ['status'])


def downgrade() -> None:
    with op.batch_alter_table('applications') as batch:
        batch.drop_index('ix_applications_status')
        batch.drop_column('salary_to')
        batch.drop_column('salary_from')
