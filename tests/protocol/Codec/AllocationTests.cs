using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Testkit;

namespace IotPlatform.Mqtt.Tests.Codec;

/// <summary>What is done for each message allocates nothing: the figure is 0 bytes, and stays it.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Publish_WhenReadAndWritten_AllocatesNothing()
    {
        var packet = Notation.Bytes("34 < ['a/b/c'] 0001 < 01 01 02 0000003C 08 ['r'] 26 ['k'] ['v'] 26 ['k'] ['w'] > 'payload' >");
        var copy = new byte[packet.Length];
        Assert.Equal(0, Allocation.Of(() =>
        {
            Frame.TryRead(packet, packet.Length, out var header);
            PublishPacket.TryRead(packet.AsSpan(header.HeaderLength), header.Flags, ProtocolVersion.Mqtt500, Sender.Client, out var publish, out _);
            foreach (var property in publish.Properties.UserProperties)
            {
                copy[0] = property.Bytes[0];
            }

            publish.Write(copy, ProtocolVersion.Mqtt500);
        }));
        Assert.Equal(packet, copy);
    }

    [Fact]
    public void Acknowledgement_WhenReadAndWritten_AllocatesNothing()
    {
        var packet = Notation.Bytes("50 < 0001 91 < 1F ['why'] > >");
        var copy = new byte[packet.Length];
        Assert.Equal(0, Allocation.Of(() =>
        {
            Acknowledgement.TryRead(PacketType.PubRec, packet.AsSpan(2), 0, ProtocolVersion.Mqtt500, out var acknowledgement, out _);
            acknowledgement.Write(copy, ProtocolVersion.Mqtt500);
        }));
        Assert.Equal(packet, copy);
    }

    [Fact]
    public void Trie_WhenMatched_AllocatesNothing()
    {
        var trie = new SubscriptionTrie<string, int>();
        foreach (var filter in (string[])["a/b/c", "a/+/c", "a/#", "#", "+/+/+", "$share/g/a/b/c", "a/b/d", "a/c", "a/d"])
        {
            trie.Add(filter, "one", 0);
            trie.Add(filter, "two", 0);
            trie.Add(filter, "three", 0);
        }

        var visitor = new CountingVisitor();
        var matched = 0;
        Assert.Equal(0, Allocation.Of(() =>
        {
            trie.Match("a/b/c"u8, ref visitor);
            matched++;
        }));
        Assert.Equal(matched * 16, visitor.Count);
    }

    private struct CountingVisitor : ITrieVisitor<string, int>
    {
        public int Count { get; private set; }

        public void OnSubscription(Subscription<string, int> subscription) => Count++;

        public void OnShareGroup(ShareGroup<string, int> group) => Count += group.Pick() is null ? 0 : 1;
    }
}
