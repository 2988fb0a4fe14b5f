namespace IotPlatform.Mqtt.Tests.Conformance;

/// <summary>docs/conformance.md speaks of every clause, and of tests that are there.</summary>
public sealed class ConformanceTableTests
{
    private const string V3 = "MQTT 3.1.1";
    private const string V5 = "MQTT 5.0";

    [Theory]
    [InlineData(V3, 141)]
    [InlineData(V5, 251)]
    public void Table_OfAStandard_HasEveryClauseOnce(string standard, int count)
    {
        var expected = standard == V3 ? Clauses.Of311 : Clauses.Of500;
        Assert.Equal(count, expected.Length);
        var there = ConformanceTable.Of(standard).Select(static row => row.Clause).ToArray();
        Assert.Empty(expected.Except(there));
        Assert.Empty(there.Except(expected));
        Assert.Empty(there.GroupBy(static clause => clause).Where(static group => group.Count() > 1).Select(static group => group.Key));
    }

    [Fact]
    public void Page_NamesTestsThatAreThere()
    {
        var tests = Repository.Tests();
        Assert.True(tests.Count > 500, "Few tests were found; the page would be held against nothing.");
        Assert.Empty(ConformanceTable.TestsIn(ConformanceTable.Page).Except(tests));
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public void Table_OfAStandard_SaysOfEveryClauseHowItIsShown(string standard) =>
        Assert.All(ConformanceTable.Of(standard), static row => Assert.True(row.Row is null || ConformanceTable.IsComplete(row.Row), row.Row));
}
