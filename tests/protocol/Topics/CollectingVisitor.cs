using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

/// <summary>Notes whom a match shows: "subscriber:value", and "share name>subscriber" for the member picked of a group.</summary>
internal readonly struct CollectingVisitor(List<string> seen) : ITrieVisitor<string, int>
{
    public void OnSubscription(Subscription<string, int> subscription) => seen.Add($"{subscription.Subscriber}:{subscription.Value}");

    public void OnShareGroup(ShareGroup<string, int> group) => seen.Add($"{group.Name}>{group.Pick()?.Subscriber}");

    public static List<string> Match(SubscriptionTrie<string, int> trie, string topic)
    {
        var visitor = new CollectingVisitor([]);
        trie.Match(System.Text.Encoding.UTF8.GetBytes(topic), ref visitor);
        visitor.Seen.Sort(StringComparer.Ordinal);
        return visitor.Seen;
    }

    private List<string> Seen => seen;
}
