"""add interviews

Revision ID: 5e9f1b7a2d30
Revises: c47d0e93a1b6
Create Date: 2024-05-09 19:03:42.000318
"""
from alembic import op
import sqlalchemy as sa

revision = '5e9f1b7a2d30'
down_revision = 'c47d0e93a1b6'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'interviews',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=True),
        sa.Column('starts_at', sa.DateTime(), nullable=False),
        sa.Column('notes', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['application_id'], ['applications.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id']),
        sa.PrimaryKeyConstraint('id'),
    )


def downgrade() -> None:
    op.drop_table('interviews')
