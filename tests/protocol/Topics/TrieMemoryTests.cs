using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

/// <summary>Measures the memory of the whole process, hence runs when nothing else does.</summary>
[Collection(nameof(TrieMemoryTests))]
[CollectionDefinition(nameof(TrieMemoryTests), DisableParallelization = true)]
public sealed class TrieMemoryTests
{
    [Fact]
    public void Trie_WhenEverythingIsRemoved_GivesItsMemoryBack()
    {
        var trie = new SubscriptionTrie<string, int>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 20_000; i++)
        {
            trie.Add($"/pk/device-{i}/user/get", "s", i);
        }

        var full = GC.GetTotalMemory(forceFullCollection: true) - before;
        for (var i = 0; i < 20_000; i++)
        {
            Assert.Equal(RemoveOutcome.RemovedLast, trie.Remove($"/pk/device-{i}/user/get", "s"));
        }

        // A tenth of what the filters took is far more than an empty trie needs, and far less than a leak.
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < full / 10);
        Assert.Equal(0, trie.FilterCount);
    }
}
