using System.Text;
using FsCheck;
using FsCheck.Fluent;
using IotPlatform.Mqtt.Tests.Topics;
using IotPlatform.Mqtt.Topics;
using Xunit.Abstractions;

namespace IotPlatform.Mqtt.Tests.Properties;

/// <summary>The tree of topic names against a set of them and the plain matcher.</summary>
public sealed class TopicTreeProperties(ITestOutputHelper output)
{
    private static readonly Gen<(int Kind, string Topic, string Filter, int PageLength)> Step =
        from kind in Gen.Choose(0, 9)
        from topic in Generators.SmallTopic
        from filter in Generators.SmallFilter
        from pageLength in Gen.Choose(1, 4)
        select (kind, topic, filter, pageLength);

    [Fact]
    public void TopicTree_UnderRandomSteps_AgreesWithThePlainMatcher()
        => Prop.ForAll(Step.ArrayOf(150).ToArbitrary(), AgreesThroughout).Check(output, maxTest: 60);

    private static bool AgreesThroughout((int Kind, string Topic, string Filter, int PageLength)[] steps)
    {
        var tree = new TopicTree<string>();
        var model = new HashSet<string>();
        foreach (var (kind, topic, filter, pageLength) in steps)
        {
            switch (kind)
            {
                case < 4:
                    tree.Set(Encoding.UTF8.GetBytes(topic), topic);
                    model.Add(topic);
                    break;
                case < 6:
                    Assert.Equal(model.Remove(topic), tree.Remove(Encoding.UTF8.GetBytes(topic)));
                    break;
                default:
                    AssertAgrees(tree, model, filter, pageLength);
                    break;
            }

            Assert.Equal(model.Count, tree.Count);
        }

        return true;
    }

    // Page by page, as one whole, and against the plain matcher.
    private static void AssertAgrees(TopicTree<string> tree, HashSet<string> model, string filter, int pageLength)
    {
        var whole = new CollectingTopicVisitor([]);
        tree.Match(Encoding.UTF8.GetBytes(filter), [], ref whole);
        Assert.Equal(
            model.Where(topic => TopicFilter.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic))).Order(StringComparer.Ordinal),
            whole.Topics.Order(StringComparer.Ordinal));

        var paged = new List<string>();
        for (var isAll = false; !isAll;)
        {
            var page = new CollectingTopicVisitor([], pageLength);
            isAll = tree.Match(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(paged.LastOrDefault("")), ref page);
            paged.AddRange(page.Topics);
        }

        Assert.Equal(whole.Topics, paged);
    }
}
