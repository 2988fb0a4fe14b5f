using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>A write that is a statement of its own.</summary>
/// <param name="weight">The memory that it holds while it waits, in bytes, roughly.</param>
/// <param name="sql">The statement.</param>
/// <param name="bind">Adds its parameters.</param>
/// <param name="resultOf">What came of it, by the rows it changed and the text that it answered, null for none.</param>
/// <param name="answers">Whether the statement answers: at most one row, of one text.</param>
internal sealed class StatementWrite<TResult>(
    long weight, string sql, Action<NpgsqlParameterCollection> bind, Func<int, string?, TResult> resultOf, bool answers = false)
    : PostgresWrite<TResult>(weight)
{
    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch) => batch.Add(new Statement(this, sql, bind, resultOf, answers));

    private sealed class Statement(
        StatementWrite<TResult> write, string sql, Action<NpgsqlParameterCollection> bind, Func<int, string?, TResult> resultOf, bool answers) : BatchStatement
    {
        private int _changed;
        private string? _answer;

        public override bool HasRows => answers;

        public override NpgsqlBatchCommand ToCommand()
        {
            var command = new NpgsqlBatchCommand(sql);
            bind(command.Parameters);
            return command;
        }

        public override async Task ReadAsync(NpgsqlDataReader rows)
        {
            if (await rows.ReadAsync())
            {
                _answer = rows.GetString(0);
            }
        }

        public override void Changed(int rows) => _changed = rows;

        public override void Publish() => write.Result = resultOf(_changed, _answer);
    }
}
