// Specification of discovery: settings classes (pydantic) that are read from a file of variables somebody names.
import assert from 'node:assert/strict';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

const DSN = '    storage_dsn: str = "sqlite:///default.db"\n';
const START =
  'import os\nfrom pathlib import Path\nfrom pydantic import BaseModel\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n';
const ENGINE = 'from sqlalchemy import create_engine\nfrom app.config import settings\nengine = create_engine(settings.storage_dsn)\n';
const plain = (made: string, fields = DSN): string => `${START}class Settings(BaseSettings):\n${fields}${made}\n`;

describe('discovery by settings that are read from a named file', () => {
  const project = searchedFolder();
  const { write, database } = project;
  beforeEach(async () => {
    await database('default.db');
  });

  const found = async (): Promise<{ database: string | null; question: string | null }> => {
    const { project: own, question } = await discover({ root: project.root });
    return { database: own.database, question };
  };

  const SETTING: Readonly<Record<string, string>> = {
    'an argument': plain('settings = Settings(_env_file="deploy/shop.env")'),
    'an argument that is made of a path': plain('settings = Settings(_env_file=Path(__file__).parent.parent / "deploy" / "shop.env")'),
    'a list, of which the last counts': plain('settings = Settings(_env_file=("deploy/usual.env", "deploy/shop.env"))'),
    'the configuration of the class': plain(
      'settings = Settings()',
      `    model_config = SettingsConfigDict(env_file="deploy/shop.env")\n${DSN}`,
    ),
    'the older configuration of the class': plain(
      'settings = Settings()',
      `${DSN}    class Config:\n        env_file = "deploy/shop.env"\n`,
    ),
  };
  for (const [what, code] of Object.entries(SETTING)) {
    it(`is what the file says that ${what} names`, async () => {
      await write('app/config.py', code);
      await write('app/db.py', ENGINE);
      await write('deploy/usual.env', 'STORAGE_DSN=sqlite:///default.db\n');
      await write('deploy/shop.env', 'STORAGE_DSN=sqlite:///store/live.db\n');
      const live = await database('store/live.db');
      assert.deepEqual(await found(), { database: live, question: null });
    });
  }

  const OPEN: Readonly<Record<string, string>> = {
    'is absent': plain('settings = Settings(_env_file="deploy/shop.env")'),
    'only running the project could name': plain('settings = Settings(_env_file=os.environ["SHOP_SETTINGS"])'),
    'the class names and is absent': plain('settings = Settings()', `    model_config = {"env_file": "deploy/shop.env"}\n${DSN}`),
    'is absent, for settings within settings': plain(
      'settings = Settings(_env_file="/run/shop.env")',
      '    model_config = SettingsConfigDict(env_nested_delimiter="__")\n    store: Store = Store()\n',
    ).replace('class Settings', `class Store(BaseModel):\n${DSN}class Settings`),
  };
  for (const [what, code] of Object.entries(OPEN)) {
    it(`is a question where the file ${what}`, async () => {
      await write('app/config.py', code);
      await write('app/db.py', code.includes('Store') ? ENGINE.replace('settings.', 'settings.store.') : ENGINE);
      const { database: own, question } = await found();
      assert.equal(own, null);
      assert.match(question ?? '', /storage_dsn|store/);
    });
  }

  it('is a question also where the field has a usual name, and the object is made elsewhere', async () => {
    await write('app/config.py', plain('', '    database_url: str = "sqlite:///default.db"\n'));
    await write('app/start.py', 'from app.config import Settings\ndef begin():\n    return Settings(_env_file="deploy/shop.env")\n');
    assert.equal((await found()).database, null);
    assert.match((await found()).question ?? '', /database_url \(deploy\/shop\.env\)/);
  });

  it('is the default where no file is wanted, or the file that is there leaves it', async () => {
    for (const made of ['_env_file=None', '_env_file="shop.env"']) {
      await write('app/config.py', plain(`settings = Settings(${made})`));
      await write('app/db.py', ENGINE);
      await write('shop.env', 'OTHER=1\n');
      assert.deepEqual(await found(), { database: `${project.root}/default.db`, question: null }, made);
    }
  });
});
