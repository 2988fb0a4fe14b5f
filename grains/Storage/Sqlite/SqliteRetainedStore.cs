using System.Collections.Immutable;
using IotPlatform.Topics;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Retained messages, in SQLite.</summary>
public sealed class SqliteRetainedStore(SqliteDatabase database) : IRetainedStore
{
    private const string Columns = "shard, topic, payload, qos, properties, stored_at, expires_at";

    /// <inheritdoc/>
    public Task SetAsync(int shard, RetainedMessage message) =>
        database.WriteAsync(StoreWeight.Of(message), commands => commands.Execute(
            $"INSERT OR REPLACE INTO retained_message ({Columns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)",
            (long)shard, message.Topic, message.Payload.ToStored(), (long)message.QoS, message.Properties.ToStored(),
            StoreTime.ToStore(message.StoredAt), StoreTime.ToStore(message.ExpiresAt)));

    /// <inheritdoc/>
    public Task RemoveAsync(int shard, string topic) =>
        database.WriteAsync(StoreWeight.OfSmall, commands => commands.Execute(
            "DELETE FROM retained_message WHERE shard = @p0 AND topic = @p1", (long)shard, topic));

    /// <inheritdoc/>
    public Task<ImmutableArray<RetainedMessage>> LoadAsync(int shard) =>
        database.ReadAsync(commands => SqliteRows.All(
            commands.Query($"SELECT {Columns} FROM retained_message WHERE shard = @p0", (long)shard),
            static row => new RetainedMessage(
                row.GetString(1),
                row.GetFieldValue<byte[]>(2),
                row.GetInt32(3),
                row.GetFieldValue<byte[]>(4),
                StoreTime.FromStore(row.GetInt64(5)),
                row.GetTime(6))));
}
