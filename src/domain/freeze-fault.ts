export type ScheduleField = 'from' | 'to' | 'rule' | 'start' | 'duration' | 'timeZone' | 'except';

/** What is wrong with the schedule of a freeze: which field, and the example of a right one. */
export class ScheduleFault extends RangeError {
  readonly field: ScheduleField;
  readonly example: string;

  constructor(field: ScheduleField, message: string, example: string) {
    super(message);
    this.name = 'ScheduleFault';
    this.field = field;
    this.example = example;
  }
}
