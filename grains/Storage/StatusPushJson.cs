using System.Text.Json;
using System.Text.Json.Serialization;
using IotPlatform.StatusEvents;

namespace IotPlatform.Storage;

/// <summary>Pushes as they are stored: as JSON, which whoever looks into the database can read.</summary>
[JsonSerializable(typeof(StatusPush))]
internal sealed partial class StatusPushJson : JsonSerializerContext
{
    public static string Of(StatusPush push) => JsonSerializer.Serialize(push, Default.StatusPush);

    public static StoredStatusPush ToPush(string content, string position, DateTimeOffset? parkedAt, string? failure) => new(
        JsonSerializer.Deserialize(content, Default.StatusPush)!,
        StatusEventPosition.TryParse(position, out var stored) ? stored : throw new InvalidOperationException($"The position of a push can not be read: {position}"),
        parkedAt,
        failure);
}
