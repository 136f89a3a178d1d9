"""merge interviews and tags

Revision ID: 71c3a5e8b9d2
Revises: 5e9f1b7a2d30, d2608c4f7ea9
Create Date: 2024-05-20 09:00:00.104400
"""
revision = '71c3a5e8b9d2'
down_revision = ('5e9f1b7a2d30', 'd2608c4f7ea9')
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
