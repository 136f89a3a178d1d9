"""add documents

Revision ID: c47d0e93a1b6
Revises: 8b2e5d614c0f
Create Date: 2024-03-22 08:15:30.771245
"""
from alembic import op
import sqlalchemy as sa

revision = 'c47d0e93a1b6'
down_revision = '8b2e5d614c0f'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'documents',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('path', sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['applications.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )


def downgrade() -> None:
    op.drop_table('documents')
