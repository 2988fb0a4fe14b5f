using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>One statement of a batch, for one attempt to write it.</summary>
internal abstract class BatchStatement
{
    /// <summary>Whether it answers with rows.</summary>
    public virtual bool HasRows => false;

    /// <summary>The statement with its values.</summary>
    public abstract NpgsqlBatchCommand ToCommand();

    /// <summary>Reads the rows that it answered. For one that has rows.</summary>
    public virtual Task ReadAsync(NpgsqlDataReader rows) => Task.CompletedTask;

    /// <summary>Takes note of how many rows it changed.</summary>
    public virtual void Changed(int rows)
    {
    }

    /// <summary>Adds what it has done to messages, once its rows are read.</summary>
    public virtual void AddEventsTo(StatusEventBuffer events)
    {
    }

    /// <summary>Tells the writes what came of them: the batch is durable.</summary>
    public abstract void Publish();
}
