using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using IotPlatform.Products;

namespace IotPlatform.Storage;

/// <summary>The lists of a product as they are stored: as JSON, which whoever looks into the database can read.</summary>
[JsonSerializable(typeof(ImmutableArray<TopicPermission>))]
internal sealed partial class ProductJson : JsonSerializerContext
{
    public static string Of(ImmutableArray<TopicPermission> permissions) =>
        permissions.IsDefaultOrEmpty ? "[]" : JsonSerializer.Serialize(permissions, Default.ImmutableArrayTopicPermission);

    public static ImmutableArray<TopicPermission> Permissions(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize(json, Default.ImmutableArrayTopicPermission);
}
