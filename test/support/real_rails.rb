# Answers questions about folders of Active Record migrations, each in a process of its own.
# A question: {database, paths, versions: [...] or null, target: version or null}
require "json"
require "active_record"

def answer(question)
  ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: question["database"])
  ActiveRecord::Migration.verbose = false
  schema = ActiveRecord::SchemaMigration
  if question["versions"]
    schema.create_table
    ActiveRecord::InternalMetadata.create_table
    question["versions"].each { |version| schema.create!(version: version) }
  end
  context = ActiveRecord::MigrationContext.new(question["paths"], schema)
  error = nil
  begin
    context.migrate(question["target"]) unless question["target"].nil?
  rescue StandardError => e
    error = "#{e.class}: #{e.message}"
  end
  refusal = nil
  begin
    ActiveRecord::Migrator.new(:up, context.migrations, schema, nil)
  rescue StandardError => e
    refusal = "#{e.class}: #{e.message}"
  end
  begin
    { error: error, refusal: refusal, status: context.migrations_status, needs: context.needs_migration? }
  rescue StandardError => e
    { error: error, refusal: "#{e.class}: #{e.message}", status: [], needs: false }
  end
end

questions = JSON.parse($stdin.read)
answers = questions.map do |question|
  reader, writer = IO.pipe
  child = fork do
    reader.close
    writer.write(JSON.generate(answer(question)))
    writer.close
    exit!(0)
  end
  writer.close
  text = reader.read
  Process.wait(child)
  JSON.parse(text)
end
puts JSON.generate(answers)
