using System.Text;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Sessions;

/// <summary>
/// The topic aliases that a connection sends with (MQTT 5.0 section 3.3.2.3.4): the first topics that it sends on get one each, for as long as it lasts. Guarded
/// by its session's lock.
/// </summary>
/// <param name="max">How many the client accepts, and the server uses.</param>
internal sealed class TopicAliases(int max)
{
    /// <summary>Bytes of the property.</summary>
    public const int PropertyBytes = 3;

    private readonly Dictionary<byte[], ushort> _aliases = new(BytesComparer.Instance);

    /// <summary>The alias of a topic.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="isNew">It has to be sent with the name, and counts once that is done: see <see cref="Sent"/>.</param>
    /// <returns>0 for none.</returns>
    public ushort Find(ReadOnlySpan<byte> topic, out bool isNew)
    {
        isNew = false;
        if (_aliases.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var alias))
        {
            return alias;
        }

        isNew = _aliases.Count < max;
        return isNew ? (ushort)(_aliases.Count + 1) : (ushort)0;
    }

    /// <summary>The topic of an alias that has been sent; empty where that is none.</summary>
    public string TopicOf(int alias)
    {
        foreach (var (topic, known) in _aliases)
        {
            if (known == alias)
            {
                return Encoding.UTF8.GetString(topic);
            }
        }

        return "";
    }

    /// <summary>A new alias has been sent with its topic.</summary>
    public void Sent(ReadOnlySpan<byte> topic) => _aliases.Add(topic.ToArray(), (ushort)(_aliases.Count + 1));

    /// <summary>Writes the property.</summary>
    public static void Write(Span<byte> destination, ushort alias) => new PacketWriter(destination).WriteProperty(PropertyId.TopicAlias, (uint)alias);
}
