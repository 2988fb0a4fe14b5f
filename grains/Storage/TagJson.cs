using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>The tags of a device as they are stored: as a JSON object, <c>{"ring":"canary"}</c>, which whoever looks into the database can read and ask for.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class TagJson : JsonSerializerContext
{
    /// <summary>What stands in the rows of devices that have none.</summary>
    private const string None = "{}";

    public static string Of(ImmutableArray<DeviceTag> tags) =>
        tags.IsDefaultOrEmpty
            ? None
            : JsonSerializer.Serialize(tags.ToDictionary(static tag => tag.Key, static tag => tag.Value, StringComparer.Ordinal), Default.DictionaryStringString);

    /// <summary>The tags, in the order of their keys.</summary>
    public static ImmutableArray<DeviceTag> Tags(string json) =>
        json == None
            ? []
            : TagSets.Shared.Share([.. JsonSerializer.Deserialize(json, Default.DictionaryStringString)!
                .OrderBy(static tag => tag.Key, StringComparer.Ordinal)
                .Select(static tag => new DeviceTag(tag.Key, tag.Value))]);
}
