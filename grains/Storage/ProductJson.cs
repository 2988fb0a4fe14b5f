using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using IotPlatform.Products;

namespace IotPlatform.Storage;

/// <summary>The lists and the policy of a product as they are stored: as JSON, which whoever looks into the database can read.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImmutableArray<TopicPermission>))]
[JsonSerializable(typeof(MessagePolicy))]
internal sealed partial class ProductJson : JsonSerializerContext
{
    public static string Of(ImmutableArray<TopicPermission> permissions) =>
        permissions.IsDefaultOrEmpty ? "[]" : JsonSerializer.Serialize(permissions, Default.ImmutableArrayTopicPermission);

    public static ImmutableArray<TopicPermission> Permissions(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize(json, Default.ImmutableArrayTopicPermission);

    public static string? Of(MessagePolicy? policy) => policy is null ? null : JsonSerializer.Serialize(policy, Default.MessagePolicy);

    public static MessagePolicy? Policy(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.MessagePolicy);
}
