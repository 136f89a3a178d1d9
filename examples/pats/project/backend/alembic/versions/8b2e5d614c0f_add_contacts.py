"""add contacts

Revision ID: 8b2e5d614c0f
Revises: 3f1a9c20b7d4
Create Date: 2024-02-03 17:40:55.120007
"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

revision: str = '8b2e5d614c0f'
down_revision: Union[str, Sequence[str], None] = '3f1a9c20b7d4'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table(
        'contacts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('company_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('email', sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(['company_id'], ['companies.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_contacts_email', 'contacts', ['email'])


def downgrade() -> None:
    op.drop_index('ix_contacts_email', table_name='contacts')
    op.drop_table('contacts')
