"""add reminders

Revision ID: e6d81f3057ca
Revises: a90b4e2f6c18
Create Date: 2025-01-08 21:12:33.908771
"""
from alembic import op
import sqlalchemy as sa

revision = 'e6d81f3057ca'
down_revision = 'a90b4e2f6c18'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'reminders',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('text', sa.String(length=500), nullable=False),
        sa.Column('done', sa.Boolean(), server_default=sa.text('0'), nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['applications.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )


def downgrade() -> None:
    op.drop_table('reminders')
