using System.Text;
using FsCheck;
using FsCheck.Fluent;
using IotPlatform.Mqtt.Topics;
using Xunit.Abstractions;

namespace IotPlatform.Mqtt.Tests.Properties;

/// <summary>The trie against a list of subscriptions and the plain matcher.</summary>
public sealed class TrieProperties(ITestOutputHelper output)
{
    private static readonly Gen<string> Subscriber = Gen.Elements("s", "t", "u", "v", "w", "x", "y");

    private static readonly Gen<string> Filter =
        from filter in Generators.SmallFilter
        from share in Gen.Elements("", "", "", "$share/g/", "$share/h/")
        select share + filter;

    private static readonly Gen<(int Kind, string Filter, string Subscriber, int Value, string Topic)> Step =
        from kind in Gen.Choose(0, 9)
        from filter in Filter
        from subscriber in Subscriber
        from value in Gen.Choose(0, 3)
        from topic in Generators.SmallTopic
        select (kind, filter, subscriber, value, topic);

    [Fact]
    public void Trie_UnderRandomSteps_AgreesWithThePlainMatcher()
        => Prop.ForAll(Step.ArrayOf(200).ToArbitrary(), AgreesThroughout).Check(output, maxTest: 60);

    private static bool AgreesThroughout((int Kind, string Filter, string Subscriber, int Value, string Topic)[] steps)
    {
        var trie = new SubscriptionTrie<string, int>();
        var model = new Dictionary<(string Filter, string Subscriber), int>();
        foreach (var step in steps)
        {
            switch (step.Kind)
            {
                case < 4:
                    Assert.Equal(ExpectedAdd(model, step.Filter, step.Subscriber), trie.Add(step.Filter, step.Subscriber, step.Value));
                    model[(step.Filter, step.Subscriber)] = step.Value;
                    break;
                case < 7:
                    var expected = ExpectedRemove(model, step.Filter, step.Subscriber);
                    Assert.Equal(expected, trie.Remove(step.Filter, step.Subscriber));
                    model.Remove((step.Filter, step.Subscriber));
                    break;
                default:
                    AssertAgrees(trie, model, step.Topic);
                    break;
            }
        }

        Assert.Equal(model.Count, trie.SubscriptionCount);
        Assert.Equal(model.Keys.Select(key => key.Filter).Distinct().Count(), trie.FilterCount);
        return true;
    }

    private static AddOutcome ExpectedAdd(Dictionary<(string Filter, string Subscriber), int> model, string filter, string subscriber)
        => model.ContainsKey((filter, subscriber)) ? AddOutcome.Replaced
        : model.Keys.Any(key => key.Filter == filter) ? AddOutcome.Added
        : AddOutcome.AddedFirst;

    private static RemoveOutcome ExpectedRemove(Dictionary<(string Filter, string Subscriber), int> model, string filter, string subscriber)
        => !model.ContainsKey((filter, subscriber)) ? RemoveOutcome.NotFound
        : model.Keys.Count(key => key.Filter == filter) > 1 ? RemoveOutcome.Removed
        : RemoveOutcome.RemovedLast;

    private static void AssertAgrees(SubscriptionTrie<string, int> trie, Dictionary<(string Filter, string Subscriber), int> model, string topic)
    {
        var visitor = new Observer([], []);
        trie.Match(Encoding.UTF8.GetBytes(topic), ref visitor);
        var plain = model.Where(row => !row.Key.Filter.StartsWith("$share/", StringComparison.Ordinal) && Matches(row.Key.Filter, topic))
            .Select(row => $"{row.Key.Subscriber}:{row.Value}");
        var groups = model.Where(row => row.Key.Filter.StartsWith("$share/", StringComparison.Ordinal) && Matches(row.Key.Filter[9..], topic))
            .GroupBy(row => row.Key.Filter)
            .Select(group => $"{group.Key[7]}: {string.Join(' ', group.Select(row => $"{row.Key.Subscriber}:{row.Value}").Order(StringComparer.Ordinal))}");
        Assert.Equal(plain.Order(StringComparer.Ordinal), visitor.Subscriptions.Order(StringComparer.Ordinal));
        Assert.Equal(groups.Order(StringComparer.Ordinal), visitor.Groups.Order(StringComparer.Ordinal));
    }

    private static bool Matches(string filter, string topic) => TopicFilter.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic));

    private readonly record struct Observer(List<string> Subscriptions, List<string> Groups) : ITrieVisitor<string, int>
    {
        public void OnSubscription(Subscription<string, int> subscription) => Subscriptions.Add($"{subscription.Subscriber}:{subscription.Value}");

        public void OnShareGroup(ShareGroup<string, int> group)
        {
            var members = group.Members.ToArray().Select(member => $"{member.Subscriber}:{member.Value}").Order(StringComparer.Ordinal);
            Assert.Contains(group.Pick(), group.Members.ToArray());
            Groups.Add($"{group.Name}: {string.Join(' ', members)}");
        }
    }
}
