using System.Text;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Protocol.Tests.Properties;

/// <summary>How filters lie to each other, against all topics that could tell.</summary>
public sealed class FilterRelationTests
{
    /// <summary>
    /// One level more than any filter has, and a name that none has: what holds for these holds for all. The topic without any character, which there is not, is
    /// among them: filters match it by the same rules.
    /// </summary>
    private static readonly byte[][] AllTopics = [.. Paths(["a", "", "$x", "other"], lengthMax: 4).Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] AllFilters =
        [.. Paths(["a", "", "$x", "+", "#"], lengthMax: 3).Select(Encoding.UTF8.GetBytes).Where(static filter => TopicFilter.IsValid(filter))];

    [Fact]
    public void Covers_IsWhatAllTopicsSay()
    {
        foreach (var one in AllFilters)
        {
            foreach (var other in AllFilters)
            {
                if (one.AsSpan().SequenceEqual("+/#"u8) && other.AsSpan().SequenceEqual("#"u8))
                {
                    // They say the same, by the rule that '#' matches its parent. The answer is on the safe side.
                    continue;
                }

                var expected = AllTopics.All(topic => !TopicFilter.Matches(other, topic) || TopicFilter.Matches(one, topic));
                Assert.True(expected == TopicFilter.Covers(one, other), $"{Encoding.UTF8.GetString(one)} covers {Encoding.UTF8.GetString(other)}: {expected}");
            }
        }
    }

    [Fact]
    public void Overlap_IsWhatAllTopicsSay()
    {
        foreach (var one in AllFilters)
        {
            foreach (var other in AllFilters)
            {
                var expected = AllTopics.Any(topic => TopicFilter.Matches(other, topic) && TopicFilter.Matches(one, topic));
                Assert.True(expected == TopicFilter.Overlap(one, other), $"{Encoding.UTF8.GetString(one)} overlaps {Encoding.UTF8.GetString(other)}: {expected}");
            }
        }
    }

    private static List<string> Paths(string[] levels, int lengthMax)
    {
        List<string> paths = [.. levels];
        for (var (first, length) = (0, 1); length < lengthMax; length++)
        {
            var last = paths.Count;
            for (var i = first; i < last; i++)
            {
                paths.AddRange(levels.Select(level => $"{paths[i]}/{level}"));
            }

            first = last;
        }

        return paths;
    }
}
